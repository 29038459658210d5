// The members of the Terminal API that carry what a security key is asked and answers.
#ifndef SEKISHO_PROTOCOL_KEY_MEMBERS_H_
#define SEKISHO_PROTOCOL_KEY_MEMBERS_H_

#include "protocol/flat_json.h"
#include "protocol/terminal_api.h"

namespace sekisho::terminal_api {

// What is missing or malformed is the reader's to remember.
KeyChallenge read_key_challenge(flat_json::Reader& reader);
KeyAnswer read_key_answer(flat_json::Reader& reader);

void add_key_challenge(flat_json::Writer& writer, const KeyChallenge& key);
void add_key_answer(flat_json::Writer& writer, const KeyAnswer& answer);

}  // namespace sekisho::terminal_api

#endif  // SEKISHO_PROTOCOL_KEY_MEMBERS_H_
