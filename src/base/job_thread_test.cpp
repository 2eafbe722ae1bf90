#include "base/job_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

namespace venturi {
namespace {

TEST(JobThread, DoesAJobThereAndTheRestInTheLoop) {
  EventLoop loop;
  JobThread jobs(loop);
  std::vector<std::thread::id> where;
  int rounds = 0;
  std::function<void()> begin = [&] {
    jobs.run([&] {
      where.push_back(std::this_thread::get_id());
      return [&] {
        where.push_back(std::this_thread::get_id());
        if (++rounds < 3) return begin();
        loop.stop();
      };
    });
  };
  begin();
  loop.run();
  ASSERT_EQ(where.size(), 6U);
  for (std::size_t i = 0; i < where.size(); i += 2) {
    EXPECT_EQ(where[i], where[0]);
    EXPECT_NE(where[i], std::this_thread::get_id());
    EXPECT_EQ(where[i + 1], std::this_thread::get_id());
  }
}

TEST(JobThread, WaitsForTheJobAtItsEndAndDropsTheRest) {
  EventLoop loop;
  std::atomic<bool> done = false, told = false;
  {
    JobThread jobs(loop);
    std::atomic<bool> begun = false;
    jobs.run([&] {
      begun = true;
      begun.notify_one();
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      done = true;
      return [&told] { told = true; };
    });
    begun.wait(false);
  }
  EXPECT_TRUE(done);
  loop.after(std::chrono::milliseconds(1), [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(told);
}

// A process that gets SIGTERM is to see it in its loop's thread.
TEST(JobThread, TakesNoSignals) {
  EventLoop loop;
  JobThread jobs(loop);
  sigset_t blocked;
  sigemptyset(&blocked);
  jobs.run([&] {
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    return [&] { loop.stop(); };
  });
  loop.run();
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD, SIGHUP}) EXPECT_EQ(sigismember(&blocked, signal), 1) << signal;
}

}  // namespace
}  // namespace venturi
