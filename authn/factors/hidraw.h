// Linux's way to a key on USB: its hidraw device, locked for one program at a time, as libfido2
// itself locks it.

#ifndef SEKISHO_AUTHN_FACTORS_HIDRAW_H_
#define SEKISHO_AUTHN_FACTORS_HIDRAW_H_

struct fido_dev_io;

namespace sekisho::authn {

// Reports of 64 bytes (CTAP 2.1 section 11.2.4).  A device that another program holds does not open
// when that lasts a second.
const fido_dev_io* hidraw();

}  // namespace sekisho::authn

#endif  // SEKISHO_AUTHN_FACTORS_HIDRAW_H_
