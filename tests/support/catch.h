// The one place that names Catch2, so that moving from v2 to v3 is one edit.
#ifndef SEKISHO_TESTS_SUPPORT_CATCH_H_
#define SEKISHO_TESTS_SUPPORT_CATCH_H_

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif

#endif  // SEKISHO_TESTS_SUPPORT_CATCH_H_
