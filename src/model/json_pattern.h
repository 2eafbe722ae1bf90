// Regular expressions of JSON schemas, written as for Python's re (which is what Airflow searches with): lookarounds, named
// groups, flags. Characters are Unicode's. No pattern and no text takes the stack or the time of the process with it: what
// would take too many steps is given up.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace venturi {

class JsonPattern {
 public:
  // The error says why it is none.
  [[nodiscard]] static Result<JsonPattern> parse(std::string_view pattern);
  JsonPattern(JsonPattern&&) noexcept;
  JsonPattern& operator=(JsonPattern&&) noexcept;
  ~JsonPattern();

  // Whether it matches anywhere in the text. An error where that takes too many steps.
  [[nodiscard]] Result<bool> search(std::string_view text) const;

 private:
  struct State;
  explicit JsonPattern(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace venturi
