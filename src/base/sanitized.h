// Whether this is a build with a sanitizer: it takes many times as long, shadows the memory in use and keeps what is freed.
#pragma once

namespace venturi {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VENTURI_SANITIZED 1
#endif
#endif

#ifdef VENTURI_SANITIZED
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace venturi
