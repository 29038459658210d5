#include "cli/key_view.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace sekisho::cli {
namespace {

constexpr std::array kAttestations = {
    Word{"none", {"なし", "none"}},
    Word{"self", {"鍵自身", "self"}},
    Word{"unanchored", {"製造元(未確認)", "maker (not anchored)"}},
    Word{"anchored", {"製造元(確認済み)", "maker (anchored)"}},
};

Cell attestation_of(const store::SecurityKey& key) {
  const auto* const found = std::ranges::find(kAttestations, key.attestation, &Word::json);
  return found == kAttestations.end() ? Cell(key.attestation) : Cell(*found);
}

Cell text_or_none(const std::string& text) {
  return text.empty() ? Cell() : Cell(text);
}

}  // namespace

std::optional<std::string> key_model(ByteView aaguid) {
  if (std::ranges::all_of(aaguid, [](std::uint8_t byte) { return byte == 0; })) return std::nullopt;
  std::string text = hex_of(aaguid);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) {
    if (at < text.size()) text.insert(at, "-");
  }
  return text;
}

Listing list_keys(const std::vector<store::SecurityKey>& keys) {
  Listing listing{{{"id", {"番号", "id"}},
                   {"label", {"ラベル", "label"}},
                   {"model", {"型(AAGUID)", "model (AAGUID)"}},
                   {"attestation", {"証明", "vouched for by"}},
                   {"user_verification", {"PIN・指紋", "PIN or finger"}},
                   {"added_at", {"登録", "added"}},
                   {"added_from", {"登録元", "from"}},
                   {"last_used_at", {"最後の使用", "last used"}},
                   {"last_used_from", {"使用元", "from"}},
                   {"suspected_at", {"複製の疑い", "copy suspected"}}},
                  {},
                  {"セキュリティキーはありません", "no security keys"}};
  for (const store::SecurityKey& key : keys) {
    listing.rows.push_back({key.id.value, key.label, cell_of(key_model(key.aaguid)),
                            attestation_of(key), key.is_verifying, key.added_at, key.added_from,
                            cell_of(key.last_used_at), text_or_none(key.last_used_from),
                            cell_of(key.suspected_at)});
  }
  return listing;
}

}  // namespace sekisho::cli
