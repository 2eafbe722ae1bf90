// The texts by which a secret shows itself in a log.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace venturi {

// Longer forms are cut into pieces of this size (the last one reaching back), so that little has to be held back of a stream.
inline constexpr std::size_t max_mask_pattern = 4096;

// As it is; as in JSON text (other characters kept, or as \uXXXX); percent-encoded (upper and lower case, '/' kept or not,
// blank as %20 or '+', and as JavaScript's encodeURIComponent); without blanks around it. Of several lines also each line of at
// least 8 bytes, because loggers split them. No form twice; none for a secret of blanks.
[[nodiscard]] std::vector<std::string> masked_forms(std::string_view secret);

// Fewer than 5 characters (Airflow's min_length_masking): masked as a whole field only. UTF-8 characters, not bytes.
[[nodiscard]] bool masked_as_field_only(std::string_view secret);

}  // namespace venturi
