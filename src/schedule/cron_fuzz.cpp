// libFuzzer: no text crashes the parser or makes the search go the wrong way, and a refusal says what to do.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "schedule/cron.h"

namespace {

using venturi::schedule::Cron;
using venturi::schedule::WallTime;

void require(bool ok, const char* what, std::string_view text) {
  if (ok) return;
  std::fprintf(stderr, "%s: %.*s\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

}  // namespace

// Two bytes choose the moment, the rest is the expression.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const auto cron = Cron::parse(text);
  if (!cron) {
    require(!cron.error().what.empty() && !cron.error().hint.empty(), "a refusal without words", text);
    return 0;
  }
  namespace chr = std::chrono;
  constexpr chr::local_days begin{chr::year{2020} / 1 / 1};
  const WallTime from = begin + chr::minutes{(data[0] << 8 | data[1]) * 37};
  const auto next = cron->next(from), previous = cron->previous(from);
  require(!next || *next > from, "next is not after", text);
  require(!previous || *previous < from, "previous is not before", text);
  require(Cron::parse(text)->next(from) == next, "another answer to the same question", text);
  if (!next) return 0;
  const auto after = cron->next(*next);
  require(!after || *after > *next, "next does not go on", text);
  return 0;
}
