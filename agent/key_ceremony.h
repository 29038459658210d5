// A security key's part in one login at this terminal: find it, ask for its PIN where one is
// needed, have it touched (WebAuthn Level 3 section 7.2 from the client's side, CTAP 2.1).
//
// A PIN has eight tries and is spent by none of ours: it is sent once and never again by itself,
// and neither an empty one nor the password, which a locker that asks only once gives for every
// question, is sent at all.  Of several keys the one that shows the person's credential is taken; a
// key that may only hide it may be a colleague's, whose tries a PIN would cost, so its prompt says
// so; and the keys are looked at again before any PIN is sent.  What goes wrong here is told to the
// person and costs no attempt at the gateway: nothing was presented to it.

#ifndef SEKISHO_AGENT_KEY_CEREMONY_H_
#define SEKISHO_AGENT_KEY_CEREMONY_H_

#include <boost/asio/awaitable.hpp>
#include <optional>
#include <string>

#include "agent/configuration.h"
#include "agent/key_desk.h"
#include "agent/person.h"
#include "protocol/terminal_api.h"

namespace sekisho::agent {

class KeyCeremony {
 public:
  struct Occasion {
    terminal_api::KeyChallenge challenge;
    std::string terminal;        // whom the gateway knows us as
    Channel::Deadline deadline;  // of the login
  };
  // The references must outlive the ceremony.
  KeyCeremony(Person& person, KeyDesk& desk, const KeyTimes& times, Occasion occasion)
      : person_(person), desk_(desk), times_(times), occasion_(std::move(occasion)) {}

  // What the key that would be used now will want, as far as it tells: kTouch only of one that is
  // this person's.  Takes two seconds at most.
  enum class Want { kUnknown, kTouch, kPin };
  boost::asio::awaitable<Step<Want>> foresee();

  // What prompts have told the person so far: nothing of a key, to touch it, or that an empty
  // answer chooses it (and it was).
  enum class Told { kNothing, kToTouch, kChoice };
  // The whole ceremony.  `password` is what was typed before, if anything was.
  boost::asio::awaitable<Step<terminal_api::KeyAnswer>> run(const std::optional<Secret>& password,
                                                            Told told);

 private:
  struct FoundKey {
    authn::KeyStatus status;
    authn::Holding holding;  // kShown or kMayHide
  };
  using Found = authn::FromKey<FoundKey>;
  using Signed = authn::FromKey<authn::KeyAssertion>;

  boost::asio::awaitable<Step<Found>> look(Channel::Deadline deadline);
  boost::asio::awaitable<Step<Found>> find(Told told);
  boost::asio::awaitable<Step<Found>> wait_for_key();
  static Found find_key(authn::SecurityKeys& keys, const std::string& rp_id,
                        const std::vector<Bytes>& credentials,
                        const authn::Cancellation& cancellation);
  // The key to use with a PIN that was typed for `asked`: kUnplugged when that may be another's
  // now.
  boost::asio::awaitable<Step<Found>> look_again(FoundKey asked);
  boost::asio::awaitable<Step<Secret>> ask_pin(FoundKey key, const std::optional<Secret>& password);
  boost::asio::awaitable<Step<Signed>> touch(authn::KeyStatus key, std::optional<Secret> pin);
  bool is_to_verify(const authn::KeyStatus& key) const;
  bool needs_pin(const FoundKey& key) const;
  boost::asio::awaitable<Step<std::optional<int>>> tries_left(std::string path);
  // Tells the person and returns the status it ends with.
  boost::asio::awaitable<conversation::Status> refuse(authn::KeyFault fault);
  boost::asio::awaitable<conversation::Status> refuse_pin(authn::KeyStatus key);

  Person& person_;
  KeyDesk& desk_;
  const KeyTimes& times_;
  Occasion occasion_;
};

}  // namespace sekisho::agent

#endif  // SEKISHO_AGENT_KEY_CEREMONY_H_
