// The files that Amazon's own tools keep profiles in: ~/.aws/credentials and ~/.aws/config.
//
//   [default]                       in config: [default], [profile other]
//   aws_access_key_id = AKIA...
//   aws_secret_access_key = ...
//
// Read anew for each try; they are small, and read in a thread beside the loop.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace venturi::providers {

// The members of a section; empty where the file or the section is not there. What is no "name = value" is passed over.
[[nodiscard]] std::map<std::string, std::string> profile_section(const std::string& path, std::string_view section);

}  // namespace venturi::providers
