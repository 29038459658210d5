#include "tests/factors/webauthn_vectors.h"

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "base/encoding.h"

namespace sekisho::testing {
namespace {

Bytes hex(const boost::json::value& value) {
  const auto& text = value.as_string();
  return bytes_from_hex({text.data(), text.size()}).value();
}

const boost::json::value& file() {
  static const boost::json::value parsed = [] {
    std::stringstream text;
    text << std::ifstream(SEKISHO_WEBAUTHN_VECTORS).rdbuf();
    return boost::json::parse(text.str());
  }();
  return parsed;
}

std::vector<WebauthnVector> read() {
  std::vector<WebauthnVector> vectors;
  for (const auto& entry : file().at("vectors").as_array()) {
    const auto& registration = entry.at("registration");
    const auto& assertion = entry.at("authentication").at("hex");
    vectors.push_back({std::string(entry.at("name").as_string()),
                       static_cast<int>(registration.at("alg").as_int64()),
                       hex(registration.at("authData")), hex(assertion.at("challenge")),
                       hex(assertion.at("clientDataJSON")), hex(assertion.at("authenticatorData")),
                       hex(assertion.at("signature")),
                       std::string(registration.at("fmt").as_string()),
                       hex(registration.at("hex").at("challenge")),
                       hex(registration.at("hex").at("clientDataJSON")),
                       hex(registration.at("hex").at("attestationObject"))});
  }
  return vectors;
}

}  // namespace

bool WebauthnVector::is_framed() const {
  return as_text(client_data).find("\"crossOrigin\":true") != std::string_view::npos ||
         as_text(client_data).find("topOrigin") != std::string_view::npos;
}

const std::vector<WebauthnVector>& webauthn_vectors() {
  static const std::vector<WebauthnVector> vectors = read();
  return vectors;
}

const Bytes& webauthn_attestation_ca() {
  static const Bytes ca = hex(file().at("attestation_ca").at("attestation_ca_cert"));
  return ca;
}

}  // namespace sekisho::testing
