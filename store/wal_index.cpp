#include "store/wal_index.h"

#include <sqlite3.h>

#include <atomic>
#include <string_view>

namespace sekisho::store {
namespace {

constexpr int kRegionBytes = 32768;  // of which the head is the beginning

bool is_wal(sqlite3* connection) {
  bool is_wal = false;
  const auto read = [](void* found, int, char** values, char**) {
    *static_cast<bool*>(found) = values[0] != nullptr && std::string_view(values[0]) == "wal";
    return 0;
  };
  return sqlite3_exec(connection, "PRAGMA journal_mode", read, &is_wal, nullptr) == SQLITE_OK &&
         is_wal;
}

}  // namespace

WalIndex WalIndex::of(sqlite3* connection) {
  WalIndex index;
  // Asking for the mapping where there is none would make the file.
  if (!is_wal(connection)) return index;
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file == nullptr || file->pMethods == nullptr || file->pMethods->iVersion < 2) {
    return index;
  }
  volatile void* memory = nullptr;
  if (file->pMethods->xShmMap(file, 0, kRegionBytes, 0, &memory) != SQLITE_OK) return index;
  index.memory_ = static_cast<const volatile std::uint64_t*>(memory);
  return index;
}

std::optional<WalIndex::Head> WalIndex::head() const {
  if (memory_ == nullptr) return std::nullopt;
  Head head;
  for (std::size_t i = 0; i < head.size(); ++i) head[i] = memory_[i];
  // What the caller reads next must not be older than the head.
  std::atomic_thread_fence(std::memory_order_acquire);
  return head;
}

}  // namespace sekisho::store
