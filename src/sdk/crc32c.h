// CRC-32C (Castagnoli), as in iSCSI and ext4: with the processor's instruction where there is one.
#pragma once

#include <cstdint>
#include <string_view>

namespace venturi::inline sdk::internal {

[[nodiscard]] std::uint32_t crc32c(std::string_view data);

}  // namespace venturi::inline sdk::internal
