// The commit that this program was built from: "60cdabb40e39", or "unknown". Written by cmake/write_commit.cmake.
#pragma once

namespace venturi::cli {

[[nodiscard]] const char* build_commit();

}  // namespace venturi::cli
