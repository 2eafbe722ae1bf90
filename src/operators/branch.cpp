#include "operators/branch.h"

#include <algorithm>

#include <fmt/format.h>

#include "operators/arguments.h"
#include "operators/operator_try.h"
#include "operators/outcome.h"

namespace venturi::operators {
namespace {

constexpr std::string_view marker_key = "skipmixin_key";

std::vector<std::string> strings_of(const Value& list) {
  std::vector<std::string> strings;
  if (!list.is_array()) return strings;
  for (const Value& item : list.as_array()) {
    if (item.is_string()) strings.push_back(item.as_string());
  }
  return strings;
}

}  // namespace

void branch_into(OperatorTry& t, const std::vector<std::string>& chosen) {
  const std::vector<std::string> below = strings_of(decode_serialized(t.op.get_value("downstream_task_ids")));
  // For each of them which others of them it leads to (sdk/serialize.cpp).
  const Value leads_to = decode_serialized(t.op.get_value("_leads_to"));
  std::vector<std::string> followed;
  for (const std::string& id : chosen) {
    if (std::ranges::find(below, id) == below.end()) {
      throw TaskFailedForGood(fmt::format("the branch chose \"{}\", which is not directly below it; it can choose {}", id,
                                          below.empty() ? "nothing" : fmt::format("{}", fmt::join(below, ", "))));
    }
    followed.push_back(id);
    for (const std::string& further : strings_of(leads_to.get_value(id))) followed.push_back(further);
  }
  Array kept, skipped;
  for (const std::string& id : below) {
    if (std::ranges::find(followed, id) != followed.end())
      kept.emplace_back(id);
    else
      skipped.emplace_back(Array{Value(id), Value(t.facts.map_index)});
  }
  t.log.info("Branch into " + (chosen.empty() ? std::string("nothing") : fmt::format("{}", fmt::join(chosen, ", "))));
  t.host.tell(set_xcom(t.facts, marker_key, Object{{"followed", std::move(kept)}}));
  if (!skipped.empty()) t.host.tell(skip_downstream(std::move(skipped)));
}

}  // namespace venturi::operators
