#include "venturi/params.h"

#include <algorithm>

namespace venturi::inline sdk {

Param::~Param() = default;

Params::Member::Member(std::string_view of, const Param& given) : name(of), param(given) {}
Params::Member::~Member() = default;

Params::Params() = default;
Params::Params(const Params&) = default;
Params& Params::operator=(const Params&) = default;
Params::~Params() = default;

Params::Params(std::initializer_list<Member> members) {
  for (const Member& member : members) add(member);
}

void Params::add(const Member& member) {
  const auto same = std::find_if(members_.begin(), members_.end(), [&](const Member& m) { return m.name == member.name; });
  if (same == members_.end())
    members_.push_back(member);
  else
    same->param = member.param;
}

}  // namespace venturi::inline sdk
