#include "seeds/network.h"

#include <algorithm>
#include <utility>

namespace venturi::seeds {

using namespace std::chrono_literals;

Network::Connection Network::connect() {
  if (!is_cut_) cut(current_);
  is_cut_ = false;
  up_ = down_ = {};
  return ++current_;
}

Duration Network::arrival(Direction& direction, const Frame& frame) {
  Duration delay = random_.up_to(2ms);
  if (faults_.late_in > 0 && random_.one_in(faults_.late_in)) delay += random_.up_to(5s);
  Duration at = std::max(time_.now() + delay, direction.last_arrival);
  const auto of_try = try_of(frame);
  if (faults_.reorders && of_try) {
    Duration& last = direction.last_of_try[*of_try];
    return last = std::max(last, at);
  }
  for (const auto& [token, last] : direction.last_of_try) at = std::max(at, last);
  direction.last_of_try.clear();
  return direction.last_arrival = at;
}

void Network::send(Connection connection, const Frame& frame) {
  if (connection != current_ || is_cut_) return;
  const Side to = std::holds_alternative<ToServer>(frame) ? Side::server : Side::worker;
  Direction& of = direction(to);
  const int copies = faults_.twice_in > 0 && random_.one_in(faults_.twice_in) && try_of(frame) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) deliver_after(arrival(of, frame) - time_.now(), connection, to, of.sent, frame);
  ++of.sent;
}

void Network::deliver_after(Duration delay, Connection connection, Side to, std::uint64_t number, const Frame& frame) {
  time_.after(delay, life_, [this, connection, to, number, frame] {
    if (connection != current_) return;
    if (const auto limit = direction(to).arrives_below; limit && number >= *limit) return;
    story_.tell("{} arrives at the {}", words(frame), to == Side::server ? "server" : "worker");
    if (to == Side::server)
      to_server(connection, std::get<ToServer>(frame));
    else
      to_worker(connection, std::get<ToWorker>(frame));
  });
}

void Network::cut(Connection connection) {
  if (connection != current_ || std::exchange(is_cut_, true)) return;
  for (const Side side : {Side::server, Side::worker}) {
    Direction& of = direction(side);
    // Perhaps the last of what was sent never arrives.
    of.arrives_below =
        of.sent - static_cast<std::uint64_t>(random_.below(static_cast<int>(std::min<std::uint64_t>(of.sent, 5)) + 1));
    Duration seen = std::max(of.last_arrival, time_.now());
    for (const auto& [token, last] : of.last_of_try) seen = std::max(seen, last);
    time_.after(seen - time_.now() + random_.up_to(20ms), life_, [this, connection, side] { on_lost(connection, side); });
  }
}

}  // namespace venturi::seeds
