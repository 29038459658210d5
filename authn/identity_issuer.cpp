#include "authn/identity_issuer.h"

#include <functional>

#include "authn/identity_keys.h"

namespace sekisho::authn {
namespace {

std::uint64_t place_of(const IdentityAsked& asked) {
  constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio
  return static_cast<std::uint64_t>(asked.session.id.value) * kSpread ^
         std::hash<std::string_view>()(asked.audience);
}

bool says(const IdentityClaims& claims, const IdentityAsked& asked) {
  const LiveUser& user = *asked.session.user;
  return claims.user == user.name && claims.display_name == user.display_name &&
         claims.groups == user.groups && claims.audience == asked.audience &&
         claims.issuer == asked.issuer && claims.assurance == asked.session.assurance &&
         claims.factors == asked.session.factors &&
         claims.authenticated_at == asked.session.created_at &&
         claims.keys_may_be_synced == asked.keys_may_be_synced;
}

bool is_fresh(const KeptToken& token, std::chrono::milliseconds life, Instant now) {
  return token.life == life && token.issued_at <= now && now < token.issued_at + life / 2;
}

IdentityClaims claims_of(const IdentityAsked& asked) {
  const LiveUser& user = *asked.session.user;
  return {std::string(asked.issuer),
          std::string(asked.audience),
          user.name,
          user.display_name,
          user.groups,
          asked.session.assurance,
          asked.session.factors,
          asked.session.created_at,
          asked.keys_may_be_synced};
}

// The key of a row; kCorrupt when it is not the one the row names.
Result<Es256Key> open_key(store::Store& store, const store::IdentityKey& row,
                          const Keyring& keyring) {
  const auto with_name = [&](const Error& error) {
    return fail(error.code, "the identity key " + row.kid + ": " + error.message);
  };
  const auto der = store.identity_keys().private_key(row.id, keyring);
  if (!der) return with_name(der.error());
  auto key = Es256Key::parse(*der);
  if (!key) return with_name(key.error());
  if (thumbprint_of(key->public_key()) != row.kid) {
    return with_name({ErrorCode::kCorrupt, "another key is sealed in its row"});
  }
  return key;
}

}  // namespace

Result<void> IdentityIssuer::read_keys(LiveView& view) {
  if (view.identity_keys_revision() == read_revision_) return {};
  // Until all are read again there are none: a failure is met again by the next request.
  read_revision_ = -1;
  kept_.clear();
  rows_.clear();
  keys_.clear();
  const std::int64_t revision = view.identity_keys_revision();
  auto rows = view.store().identity_keys().list();
  if (!rows) return fail(rows.error());
  std::vector<Es256Key> keys;
  for (const store::IdentityKey& row : *rows) {
    auto key = open_key(view.store(), row, keyring_);
    if (!key) return fail(key.error());
    keys.push_back(*std::move(key));
  }
  rows_ = *std::move(rows);
  keys_ = std::move(keys);
  read_revision_ = revision;
  return {};
}

Result<std::string_view> IdentityIssuer::token(LiveView& view, const IdentityAsked& asked,
                                               Instant now) {
  if (auto read = read_keys(view); !read) return fail(read.error());
  const store::IdentityKey* const row = signing_key(rows_, now);
  if (row == nullptr) return fail(ErrorCode::kUnavailable, "no identity key may sign now");
  const std::uint64_t place = place_of(asked);
  const KeptToken* const kept = kept_.find(place);
  if (kept != nullptr && kept->key == row->id && is_fresh(*kept, asked.life, now) &&
      says(kept->claims, asked)) {
    return std::string_view(kept->text);
  }
  KeptToken fresh{claims_of(asked), row->id, now, asked.life, {}};
  const Es256Key& key = keys_[static_cast<std::size_t>(row - rows_.data())];
  auto text = identity_token(key, row->kid, fresh.claims, now, asked.life);
  if (!text) return fail(text.error());
  fresh.text = *std::move(text);
  return std::string_view(kept_.keep(place, std::move(fresh)).text);
}

Result<std::string> IdentityIssuer::key_set(LiveView& view, Instant now) {
  if (auto read = read_keys(view); !read) return fail(read.error());
  std::vector<Bytes> published;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (is_published(rows_[i], now)) published.push_back(keys_[i].public_key());
  }
  return key_set_text(published);
}

}  // namespace sekisho::authn
