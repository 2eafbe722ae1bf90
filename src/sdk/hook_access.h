// How hooks reach what stands behind a context.
#pragma once

#include "sdk/context_data.h"
#include "venturi/context.h"

namespace venturi::inline sdk::internal {

class HookAccess : public Context {
 public:
  explicit HookAccess(const Context& context) : Context(context) {}
  [[nodiscard]] detail::ContextData& data() const { return *data_; }
};

[[nodiscard]] inline Value call_hook(const Context& context, std::string_view what, std::string_view hook,
                                     std::string_view method, std::string_view conn_id, Object arguments) {
  return HookAccess(context).data().call_host(what, hook, method, conn_id, std::move(arguments));
}

// An option of a hook; an empty one is left out.
inline void add_text(Object& arguments, std::string_view name, const std::string& text) {
  if (!text.empty()) arguments.set(name, text);
}

}  // namespace venturi::inline sdk::internal
