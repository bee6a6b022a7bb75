// Included before everything else in builds with ThreadSanitizer.
//
// protobuf 3.21's map fields have two members more where __SANITIZE_THREAD__ is
// defined. Debian's library was built without it, so that a map of one of its
// own messages (Struct.fields) would be read at the wrong place.
#pragma push_macro("__SANITIZE_THREAD__")
#undef __SANITIZE_THREAD__
#include <google/protobuf/map_field.h>
#pragma pop_macro("__SANITIZE_THREAD__")
