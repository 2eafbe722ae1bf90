// The version of a DAG follows from what it is, so that a restart, or a change that changes nothing, makes no new one.
#pragma once

#include <string>
#include <string_view>

namespace venturi::lanes {

// A UUID (version 8, RFC 9562) from the SHA-256 of the DAG's id, its serialized content and its program: the same DAG in a
// program that was built anew is a new version, since its tasks run other code.
[[nodiscard]] std::string dag_version_id(std::string_view dag_id, std::string_view serialized_json,
                                         std::string_view program_hash);

}  // namespace venturi::lanes
