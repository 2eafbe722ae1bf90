// The connection between server and worker: a stream in each direction, of which a cut loses the rest. Frames come late, come
// twice, and, in some worlds, those of one try pass those of another. What was sent on an earlier connection reaches nobody.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "seeds/frames.h"
#include "seeds/random.h"
#include "seeds/story.h"
#include "seeds/timeline.h"

namespace venturi::seeds {

class Network {
 public:
  struct Faults {
    int twice_in = 0;  // every so many frames; 0: never
    int late_in = 0;   // likewise: seconds late
    bool reorders = false;
  };
  enum class Side : std::uint8_t { server, worker };
  using Connection = std::uint64_t;  // 0: none

  Network(Timeline& time, Random& random, Story& story, const Faults& faults)
      : time_(time), random_(random), story_(story), faults_(faults) {}

  // What each side is called with, while its process is there.
  std::function<void(Connection, const ToServer&)> to_server;
  std::function<void(Connection, const ToWorker&)> to_worker;
  std::function<void(Connection, Side)> on_lost;

  // The worker makes one; the server knows of it by its first frame.
  [[nodiscard]] Connection connect();
  void send(Connection connection, const Frame& frame);
  // Nothing is sent on it any more, some of what is under way still arrives, and each side learns of it at its time.
  void cut(Connection connection);
  void cut_current() { cut(current_); }
  void calm() { faults_ = {}; }

 private:
  struct Direction {
    Duration last_arrival{};
    std::map<LaunchToken, Duration> last_of_try;
    std::uint64_t sent = 0;
    std::optional<std::uint64_t> arrives_below;  // after a cut
  };
  [[nodiscard]] Duration arrival(Direction& direction, const Frame& frame);
  void deliver_after(Duration delay, Connection connection, Side to, std::uint64_t number, const Frame& frame);
  [[nodiscard]] Direction& direction(Side to) { return to == Side::server ? up_ : down_; }

  Timeline& time_;
  Random& random_;
  Story& story_;
  Faults faults_;
  Connection current_ = 0;
  bool is_cut_ = true;
  Direction up_, down_;
  Timeline::Life life_ = std::make_shared<int>();
};

}  // namespace venturi::seeds
