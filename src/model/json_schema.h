// A JSON schema (draft 7) that values are held against. The library behind it is heavy to compile: it stays in the .cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "venturi/value.h"

namespace venturi {

class JsonSchema {
 public:
  // The error says why it is no schema.
  [[nodiscard]] static Result<JsonSchema> parse(const Value& schema);
  JsonSchema(JsonSchema&&) noexcept;
  JsonSchema& operator=(JsonSchema&&) noexcept;
  ~JsonSchema();

  // Nothing where the value fits; else where in it and why not: "/amount: Value type not permitted by 'type' constraint."
  [[nodiscard]] std::optional<std::string> misfit(const Value& value) const;

 private:
  struct State;
  explicit JsonSchema(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace venturi
