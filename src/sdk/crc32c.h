// CRC-32C (Castagnoli), as in iSCSI and ext4: with the processor's instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace venturi::inline sdk::internal {

// Of what comes after `before`: crc32c("ab") is crc32c("b", crc32c("a")).
[[nodiscard]] std::uint32_t crc32c(std::string_view data, std::uint32_t before = 0);

}  // namespace venturi::inline sdk::internal
