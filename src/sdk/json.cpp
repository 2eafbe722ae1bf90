#include "venturi/json.h"

#include "sdk/json_read.h"

namespace venturi::inline sdk {

Value from_json(std::string_view text, std::string_view what) {
  return internal::read_json(text, what);
}

}  // namespace venturi::inline sdk
