// A function, lambda or other callable as a type: how tasks and mapped lists keep what they are to call.
#pragma once

#include <string_view>
#include <type_traits>

namespace venturi::inline sdk::detail {

// A function that is named where the DAG is written: compiler errors, and the task's id, call it by its name.
template <auto function>
struct Named {
  static constexpr std::string_view name() { return __PRETTY_FUNCTION__; }
};

template <class F>
struct FunctionOf {  // a lambda or an object with one operator()
  static constexpr bool has_state = !std::is_empty_v<F> || !std::is_default_constructible_v<F>;
  static constexpr std::string_view name{};
  static decltype(auto) get(const void* target) {
    // The object itself is no constant: a lambda may be mutable, and each call is in a process of its own.
    if constexpr (has_state)
      return static_cast<F&>(*const_cast<F*>(static_cast<const F*>(target)));
    else
      return F{};
  }
};
template <class R, class... A>
struct FunctionOf<R (*)(A...)> {
  static constexpr bool has_state = true;
  static constexpr std::string_view name{};
  static auto get(const void* target) { return *static_cast<R (*const*)(A...)>(target); }
};
template <auto function>
struct FunctionOf<Named<function>> {
  static constexpr bool has_state = false;
  static constexpr std::string_view name = Named<function>::name();
  static constexpr auto get(const void*) { return function; }
};

// Target<Function, R, A...> of a callable with the signature R(A...).
template <template <class, class, class...> class Target, class Function, class R, class... A>
Target<Function, R, A...> by_signature(R (*)(A...));
template <template <class, class, class...> class Target, class Function, class C, class R, class... A>
Target<Function, R, A...> by_signature(R (C::*)(A...) const);
template <template <class, class, class...> class Target, class Function, class C, class R, class... A>
Target<Function, R, A...> by_signature(R (C::*)(A...));

template <template <class, class, class...> class Target, class Function, class F>
struct BySignature {
  using Type = decltype(by_signature<Target, Function>(&F::operator()));
};
template <template <class, class, class...> class Target, class Function, class F>
  requires std::is_pointer_v<F>
struct BySignature<Target, Function, F> {
  using Type = decltype(by_signature<Target, Function>(F{}));
};

}  // namespace venturi::inline sdk::detail
