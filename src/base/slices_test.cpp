#include "base/slices.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>
#include <thread>

namespace venturi {
namespace {

// In nanoseconds, as /proc tells it: 0 where this kernel does not.
unsigned long slice() {
  unsigned long found = 0;
  std::FILE* file = std::fopen(("/proc/self/task/" + std::to_string(::gettid()) + "/sched").c_str(), "re");
  if (file == nullptr) return 0;
  char line[256];
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::sscanf(line, "se.slice : %lu", &found) == 1) break;
  }
  std::fclose(file);
  return found;
}

// What it changes is of the thread that calls it: each test has one of its own.
void in_a_thread(void (*body)()) {
  std::thread(body).join();
}

TEST(Slices, AreOfTheThreadThatAsks) {
  in_a_thread([] {
    const unsigned long usual = slice();
    take_short_slices();
    EXPECT_EQ(::sched_getscheduler(0), SCHED_OTHER | SCHED_RESET_ON_FORK);
    const unsigned long now = slice();
    EXPECT_TRUE(now == usual || now == 100'000U) << now;  // a kernel before 6.12 knows one length
    in_a_thread([] { EXPECT_NE(slice(), 100'000U); });
    EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())), 0);
  });
}

TEST(Slices, LeaveAThreadItsPolicyAndNiceness) {
  in_a_thread([] {
    const auto self = static_cast<id_t>(::gettid());
    ASSERT_EQ(::setpriority(PRIO_PROCESS, self, 5), 0);
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0);
    const unsigned long usual = slice();
    take_slices_of(long_slice);
    EXPECT_EQ(::sched_getscheduler(0), SCHED_BATCH | SCHED_RESET_ON_FORK);
    EXPECT_EQ(::getpriority(PRIO_PROCESS, self), 5);
    const unsigned long now = slice();
    EXPECT_TRUE(now == usual || now == 20'000'000U) << now;
  });
}

TEST(Slices, ASchedulerForIdleTimesIsLeftAlone) {
  in_a_thread([] {
    const sched_param none{};
    ASSERT_EQ(::sched_setscheduler(0, SCHED_IDLE, &none), 0);
    take_short_slices();
    EXPECT_EQ(::sched_getscheduler(0), SCHED_IDLE);
  });
}

}  // namespace
}  // namespace venturi
