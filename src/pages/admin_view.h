// Things that are listed and changed in the same way (connections, variables, pools), and how their lists and forms look.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "pages/page.h"

namespace venturi::pages {

struct Member {
  enum class Kind : std::uint8_t { id, text, one_type, number, secret, long_text, yes_no };
  std::string_view name, label, hint = "";
  Kind kind = Kind::text;
  bool is_listed = true;
};

struct AdminKind {
  std::string_view path, title, one;   // "connections", "Connections", "connection"
  std::span<const Member> members;     // the first is the id
  std::span<const Member> shown = {};  // beside them in the list
};

// What a form shows: of a thing that is there, or what was sent and refused.
struct Filling {
  Fields values;
  std::map<std::string, std::string, std::less<>> problems;  // by member; "": of all
  std::string id;                                            // empty: a new one
};

inline constexpr std::int64_t admin_rows = 100;           // of a page
inline constexpr std::string_view hidden_secret = "***";  // what the API shows in its place

[[nodiscard]] std::string section_of(const AdminKind& kind);
[[nodiscard]] std::string id_link(const AdminKind& kind, std::string_view id);
[[nodiscard]] std::string member_text(const Value& row, const Member& member);
[[nodiscard]] Page make_admin_form(const View& view, const AdminKind& kind, const Filling& filling);
// `answer`: the API's list.
[[nodiscard]] Page make_admin_list(const View& view, const AdminKind& kind, const Value& answer, std::int64_t page,
                                   const Fields& query);

}  // namespace venturi::pages
