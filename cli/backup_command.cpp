#include <array>
#include <filesystem>
#include <memory>

#include "base/json_text.h"
#include "cli/commands.h"

namespace sekisho::cli {
namespace {

Result<Exit> back_up(Desk& desk, const std::string& given) {
  const auto office = desk.office();
  if (!office) return fail(office.error());
  std::error_code ignored;
  const std::string path = std::filesystem::absolute(given, ignored).lexically_normal().string();
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    return fail(ErrorCode::kAlreadyExists, path + " exists already");
  }
  // Written down first, so that the copy tells of itself.
  const auto written =
      write_down(*office, "store_backup", "done", "store", JsonObject().add("to", path).text());
  if (!written) return fail(written.error());
  if (auto copied = office->store.copy_to(path); !copied) {
    const auto told =
        write_down(*office, "store_backup", "error", "store",
                   JsonObject().add("to", path).add("finding", copied.error().message).text());
    if (!told) desk.console().complain(told.error());
    return fail(copied.error());
  }
  const std::string& keys = (*desk.settings())->seal_keys_path;
  desk.console().report(
      desk.console().in_words({"データベースを {0} に写し、開けることを確かめました。鍵 {1} "
                               "は含まれません。別の場所に保管してください",
                               "copied the store to {0} and saw that it opens. The keys {1} are "
                               "not in it: keep them elsewhere"},
                              path, keys),
      {{"done", "store_backup"}, {"store", path}, {"keys", keys}});
  return Exit::kDone;
}

Run declare_backup(CLI::App& app, Language language) {
  auto path = std::make_shared<std::string>();
  app.add_option(
         "FILE", *path,
         std::string(Text{"書き出し先(まだないこと)", "where to; must not exist yet"}.in(language)))
      ->required();
  return [path](Desk& desk) { return back_up(desk, *path); };
}

constexpr std::array kCommands = {
    Command{"backup",
            "",
            {"稼働中のデータベースの控えを取り、開けることを確かめる",
             "copy the store while it is in use, and see that the copy opens"},
            "backup /media/safe/sekisho-2026-11-23.db",
            &declare_backup},
};

}  // namespace

std::span<const Command> backup_commands() {
  return kCommands;
}

}  // namespace sekisho::cli
