#include "store/changes.h"

namespace sekisho::store {

Result<std::vector<Change>> Changes::since(std::int64_t revision) {
  return database_.all(
      "SELECT revision, kind, row_id FROM changes WHERE revision > ? ORDER BY revision",
      [](const Row& row) {
        const std::string kind = row.text(1);
        return Change{row.integer(0),
                      kind == "s"   ? Change::Kind::kSession
                      : kind == "u" ? Change::Kind::kUser
                      : kind == "i" ? Change::Kind::kIdentityKey
                                    : Change::Kind::kTerminal,
                      row.integer(2)};
      },
      revision);
}

Result<Changes::Range> Changes::range() {
  const auto range =
      database_.first("SELECT coalesce(min(revision), 0), coalesce(max(revision), 0) FROM changes",
                      [](const Row& row) {
                        return Range{row.integer(0), row.integer(1)};
                      });
  if (!range) return fail(range.error());
  return range->value_or(Range{});
}

Result<std::int64_t> Changes::purge(std::int64_t count) {
  return database_.run(
      "DELETE FROM changes WHERE revision <= (SELECT max(revision) FROM changes) - ?", count);
}

}  // namespace sekisho::store
