// How a store comes from each version to the next: SQL, the first of which makes it from nothing.
// One that was shipped is never changed; the next is added.

#ifndef SEKISHO_STORE_MIGRATIONS_H_
#define SEKISHO_STORE_MIGRATIONS_H_

#include <span>

namespace sekisho::store {

std::span<const char* const> migrations();

}  // namespace sekisho::store

#endif  // SEKISHO_STORE_MIGRATIONS_H_
