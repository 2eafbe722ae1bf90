#include "measure.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace venturi::bench {

Seconds now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::vector<Seconds> repeat(Seconds time, const std::function<void()>& call) {
  std::vector<Seconds> times;
  times.reserve(1024);
  for (const Seconds begin = now(); times.size() < 10 || (times.size() < 8192 && now() - begin < time);) {
    const Seconds from = now();
    call();
    times.push_back(now() - from);
  }
  std::ranges::sort(times);
  return times;
}

double rate(Seconds time, const std::function<void()>& call) {
  const Seconds begin = now();
  Seconds end = begin;
  int calls = 0;
  for (; calls < 10 || end - begin < time; ++calls) {
    call();
    end = now();
  }
  return calls / (end - begin);
}

void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace venturi::bench
