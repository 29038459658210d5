// What a function returns when it could not do or decide what it was asked.
//
// An Error is a failure to act (database locked, disk full), never a decision: "wrong code" is
// a Verdict (authn/verdict.h).  Whoever receives an Error while deciding must refuse.

#ifndef SEKISHO_BASE_ERROR_H_
#define SEKISHO_BASE_ERROR_H_

#include <string>
#include <string_view>

namespace sekisho {

enum class ErrorCode {
  kInvalid,        // the caller's input is not acceptable; the message says what would be
  kNotFound,       // what was named does not exist
  kAlreadyExists,  // what was to be created exists
  kConflict,       // the thing changed or ended before this call could act on it
  kBusy,           // somebody else holds the resource; a later try may succeed
  kFull,           // no room left on the device
  kCorrupt,        // stored bytes do not hold what we wrote
  kUnsupported,    // made by a newer program, or outside what this one does
  kDenied,         // the operating system or a peer refused
  kUnavailable,    // the other side cannot be reached or did not answer in time
  kInternal,       // a library refused for a reason we do not expect
};

// The stable name of a code, for logs and for --json ("not_found").
std::string_view name_of(ErrorCode code);

struct Error {
  ErrorCode code = ErrorCode::kInternal;
  // One English sentence without a final period, fit for a log.  Never holds a secret.
  std::string message;
};

}  // namespace sekisho

#endif  // SEKISHO_BASE_ERROR_H_
