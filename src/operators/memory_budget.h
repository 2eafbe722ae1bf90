// How much an operator may hold in memory at once. One host runs thousands: what each takes in (XComs, answers, mails) is
// counted before it is kept, and the one that wants too much fails with a sentence instead of taking the host with it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "operators/outcome.h"
#include "venturi/value.h"

namespace venturi::operators {

// Of all tries of a host together.
struct HostMemory {
  std::size_t limit = 0, used = 0;
};

class MemoryBudget {
 public:
  // Both limits count. `host` outlives the budget.
  MemoryBudget(HostMemory& host, std::size_t limit) : host_(host), limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;
  ~MemoryBudget() { host_.used -= used_; }

  // Counts `bytes` until release() or the end of the try. Throws TaskFailedForGood where they are too many for this try, and
  // TaskFailed where they are too many for the host now.
  void take(std::size_t bytes, std::string_view what) {
    if (bytes > limit_ - used_) {
      throw TaskFailedForGood(std::string(what) + " is too large: a built-in operator may hold " +
                              std::to_string(limit_ >> 20U) + " MiB in memory; hand large data on as files of the run");
    }
    if (host_.used + bytes > host_.limit) {
      throw TaskFailed(std::string(what) + ": the operators of this worker hold " + std::to_string(host_.used >> 20U) +
                       " MiB already, and may hold " + std::to_string(host_.limit >> 20U) + " MiB");
    }
    used_ += bytes;
    host_.used += bytes;
  }
  // What is good to have, but not needed: not where it would leave the others less than half of the host's limit.
  [[nodiscard]] bool take_if_plenty(std::size_t bytes) {
    if (bytes > limit_ - used_ || host_.used + bytes > host_.limit / 2) return false;
    used_ += bytes;
    host_.used += bytes;
    return true;
  }
  void release(std::size_t bytes) {
    used_ -= bytes;
    host_.used -= bytes;
  }
  [[nodiscard]] std::size_t used() const { return used_; }

 private:
  HostMemory& host_;
  std::size_t limit_, used_ = 0;
};

// About what a value takes in memory.
[[nodiscard]] std::size_t bytes_of(const Value& value);

}  // namespace venturi::operators
