// What the lane's tests share: a fresh folder, and a loop that runs until something has happened.
#pragma once

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "base/event_loop.h"

namespace venturi::lanes {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "venturi-lanes-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp " + pattern);
    path = std::filesystem::canonical(pattern).string();
  }
  ~TemporaryFolder() {
    std::error_code error;
    std::filesystem::remove_all(path, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path;
};

inline void write_text(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("cannot write " + path);
}

class LoopTest : public testing::Test {
 protected:
  LoopTest() {
    loop.at_end_of_turn([this] {
      if (done_ && done_()) loop.stop();
    });
  }

  // Fails after a minute, which no test comes near to.
  void run_until(std::function<bool()> done, const std::string& what) {
    bool too_late = false;
    const auto guard = loop.after(std::chrono::seconds(60), [&] {
      too_late = true;
      loop.stop();
    });
    done_ = std::move(done);
    // A turn now and then, for conditions outside of the loop.
    EventLoop::TimerId tick = 0;
    const std::function<void()> turn = [&] { tick = loop.after(std::chrono::milliseconds(10), turn); };
    turn();
    if (!done_()) loop.run();
    done_ = nullptr;
    loop.cancel(tick);
    loop.cancel(guard);
    ASSERT_FALSE(too_late) << "waited in vain until " << what;
  }
  // For what must not happen: gives it the time in which it did whenever it was wrong.
  void run_for(std::chrono::milliseconds time) {
    bool over = false;
    loop.after(time, [&] { over = true; });
    run_until([&] { return over; }, "the time was over");
  }

  TemporaryFolder folder;
  EventLoop loop;

 private:
  std::function<bool()> done_;
};

}  // namespace venturi::lanes
