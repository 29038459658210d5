#include "authn/identity_keys.h"

#include <algorithm>

#include "authn/identity_token.h"
#include "base/es256.h"
#include "base/json_text.h"

namespace sekisho::authn {
namespace {

Result<void> write_down(const IdentityKeeper& keeper, std::string_view event,
                        const store::IdentityKey& key) {
  return keeper.store.audit_log().append(
      {std::string(event), "done", keeper.actor.name, "identity_key:" + key.kid,
       keeper.actor.source, JsonObject().add("signs_from", rfc3339(key.signs_from)).text()},
      keeper.now);
}

// A key that signs from `signs_from` on; the others go when their last token has expired.
Result<store::IdentityKey> add_key(const IdentityKeeper& keeper, Instant signs_from) {
  const auto made = Es256Key::make();
  if (!made) return fail(made.error());
  const auto der = made->der();
  if (!der) return fail(der.error());
  store::IdentityKey key;
  key.kid = thumbprint_of(made->public_key());
  key.created_at = keeper.now;
  key.signs_from = signs_from;
  const auto id = keeper.store.identity_keys().add(key, *der, keeper.keyring, keeper.random);
  if (!id) return fail(id.error());
  key.id = *id;
  if (auto written = write_down(keeper, "identity_key_add", key); !written) {
    return fail(written.error());
  }
  return key;
}

Result<void> forget_retired(const IdentityKeeper& keeper) {
  const auto forgotten = keeper.store.identity_keys().forget_retired(keeper.now);
  if (!forgotten) return fail(forgotten.error());
  for (const store::IdentityKey& key : *forgotten) {
    if (auto written = write_down(keeper, "identity_key_remove", key); !written) return written;
  }
  return {};
}

Result<store::IdentityKey> add_successor(const IdentityKeeper& keeper, Instant signs_from,
                                         Instant others_retire) {
  auto key = add_key(keeper, signs_from);
  if (!key) return key;
  auto retired = keeper.store.identity_keys().retire_all_but(key->id, others_retire);
  if (!retired) return fail(retired.error());
  return key;
}

Result<store::IdentityKey> add_next_in_turn(const IdentityKeeper& keeper) {
  const Instant signs_from = keeper.now + kIdentityKeyLead;
  return add_successor(keeper, signs_from, signs_from + kIdentityKeyTail);
}

// The key that no other follows yet; nullptr: there is none.
const store::IdentityKey* newest_of(const std::vector<store::IdentityKey>& keys) {
  const auto found =
      std::ranges::find_if(keys, [](const auto& key) { return !key.retires_at.has_value(); });
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace

bool is_published(const store::IdentityKey& key, Instant now) {
  return !key.retires_at || now < *key.retires_at;
}

const store::IdentityKey* signing_key(std::span<const store::IdentityKey> keys, Instant now) {
  const store::IdentityKey* signing = nullptr;
  for (const store::IdentityKey& key : keys) {
    if (!is_published(key, now)) continue;
    if (signing == nullptr || key.signs_from <= now) signing = &key;
  }
  return signing;
}

Result<void> keep_identity_keys(const IdentityKeeper& keeper, int rotate_days) {
  const auto keys = keeper.store.identity_keys().list();
  if (!keys) return fail(keys.error());
  const store::IdentityKey* const newest = newest_of(*keys);
  if (newest == nullptr) {
    if (const auto first = add_key(keeper, keeper.now); !first) return fail(first.error());
  } else if (keeper.now - newest->created_at >= std::chrono::days(rotate_days)) {
    if (const auto next = add_next_in_turn(keeper); !next) return fail(next.error());
  }
  return forget_retired(keeper);
}

Result<store::IdentityKey> rotate_identity_keys(const IdentityKeeper& keeper,
                                                Succession succession) {
  const auto keys = keeper.store.identity_keys().list();
  if (!keys) return fail(keys.error());
  const store::IdentityKey* const newest = newest_of(*keys);
  if (succession == Succession::kAtOnce || newest == nullptr) {
    auto key = add_successor(keeper, keeper.now, keeper.now);
    if (!key) return key;
    if (auto forgotten = forget_retired(keeper); !forgotten) return fail(forgotten.error());
    return key;
  }
  if (newest->signs_from > keeper.now) {
    return fail(ErrorCode::kConflict, "the identity key " + newest->kid +
                                          " waits for its turn already, until " +
                                          rfc3339(newest->signs_from));
  }
  return add_next_in_turn(keeper);
}

}  // namespace sekisho::authn
