// A gateway as far as TLS and HTTP go: a real listener with a certificate of a throwaway authority
// that answers what one test says.
#ifndef SEKISHO_TESTS_AGENT_FAKE_GATEWAY_H_
#define SEKISHO_TESTS_AGENT_FAKE_GATEWAY_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/configuration.h"
#include "agent/terminal_state.h"
#include "agent/tls.h"
#include "certs/authority.h"

namespace sekisho::agent::testing {

// An authority, and certificates from it.
class TestAuthority {
 public:
  TestAuthority();
  const std::string& certificate_pem() const { return authority_->certificate_pem(); }
  std::string fingerprint() const { return authority_->facts().fingerprint; }

  struct Pair {
    std::string certificate_pem;
    Secret private_key_pem;
  };
  Pair server(const std::vector<std::string>& names) const;
  // A terminal's certificate that began `age` ago and lives `length` from then.
  Pair terminal(const std::string& name, std::chrono::hours age = {},
                std::chrono::hours length = std::chrono::hours(24 * 90)) const;
  // The certificate for a terminal's request, as joining and renewing give it.
  std::string sign_terminal(const std::string& csr_pem, const std::string& name) const;

 private:
  std::unique_ptr<certs::CertificateAuthority> authority_;
};

TerminalIdentity identity_of(const TestAuthority& authority, const std::string& name);

class FakeGateway {
 public:
  struct Question {
    std::string path;
    std::string body;
    std::string terminal;  // the client certificate's common name, "" without one
    std::string serial;    // and its serial number
  };
  struct Answer {
    unsigned status = 200;
    std::string body;
  };
  using Handler = std::function<Answer(const Question&)>;

  // Listens on a free port of 127.0.0.1, with a certificate for `names` and its authority's, and
  // whatever else it is to show.
  FakeGateway(const TestAuthority& authority, Handler handler,
              const std::vector<std::string>& names = {"127.0.0.1", "localhost"},
              const std::string& also_shown = {});
  ~FakeGateway();

  GatewayAddress address() const;
  std::vector<Question> asked() const;  // so far

 private:
  struct Listener;
  std::unique_ptr<Listener> listener_;
};

// Listens on a free port and accepts, and says nothing ever.
class SilentGateway {
 public:
  SilentGateway();
  ~SilentGateway();
  GatewayAddress address() const;

 private:
  int socket_ = -1;
};

// An address at which nobody listens.
GatewayAddress deserted_address();

}  // namespace sekisho::agent::testing

#endif  // SEKISHO_TESTS_AGENT_FAKE_GATEWAY_H_
