// What browsers send: forms, queries and paths.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "net/web_fields.h"

namespace venturi::pages {

// The fields of a form or a query, in their order of names; the first of several of one name counts in text().
class Fields {
 public:
  // application/x-www-form-urlencoded; nothing where it is not encoded as it should be.
  [[nodiscard]] static std::optional<Fields> parse(std::string_view text);

  [[nodiscard]] std::string text(std::string_view name) const;  // empty where there is none
  // ... as lines: browsers send CR LF.
  [[nodiscard]] std::string lines(std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const { return fields_.contains(name); }
  // From 0 up; `otherwise` where it is none.
  [[nodiscard]] std::int64_t number(std::string_view name, std::int64_t otherwise) const;
  void set(std::string name, std::string value);
  // As a query again, without the fields of these names: "a=1&b=2".
  [[nodiscard]] std::string query(std::initializer_list<std::string_view> without) const;

 private:
  net::WebFields fields_;
};

// Where somebody is sent after a form: a path of this server (net::is_own_path), or "/".
[[nodiscard]] std::string own_path(const std::string& wanted);

// "/dags/{dag_id}/runs/{run_id}": nothing where the path is another one. Values are decoded and not empty.
using PathValues = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] std::optional<PathValues> match_path(std::string_view pattern, std::string_view path);

}  // namespace venturi::pages
