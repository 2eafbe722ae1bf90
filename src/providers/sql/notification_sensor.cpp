// PostgresNotificationSensor: waits until NOTIFY sends something on a channel of PostgreSQL's.
//
//   channel       as NOTIFY names it
//   payload       only a notification with exactly this text counts; any where it is not given
//   sql           a query that has to return a row, whose first value is true, as well. It is asked once the session listens
//   (so that
//                 what was sent before is not missed), with each notification, and every poke_interval
//   poke_interval how often the connection is looked after, and sql asked, while nothing comes
//
// The session listens from its first moment to the end of the wait, and so a poke is the whole wait: in mode reschedule what is
// sent between two pokes would be lost. The XCom is the notification's payload; none where `sql` was true without one.
#include <algorithm>
#include <chrono>
#include <optional>

#include <fmt/format.h>

#include "base/time.h"
#include "operators/outcome.h"
#include "providers/sql/python_text.h"
#include "providers/sql/sql.h"
#include "providers/sql/sql_try.h"

namespace venturi::providers {
namespace {

namespace asio = boost::asio;
using operators::Arguments;
using operators::OperatorTry;
using operators::Poke;
using operators::TaskFailedForGood;
using Steady = std::chrono::steady_clock;

constexpr std::size_t longest_channel = 63;  // NAMEDATALEN - 1: PostgreSQL cuts a name off there

std::string channel_of(const Arguments& arguments) {
  std::string channel = arguments.string("channel");
  if (channel.empty() || channel.size() > longest_channel)
    throw TaskFailedForGood(
        fmt::format("the argument channel must have 1 to {} bytes, and has {}", longest_channel, channel.size()));
  return channel;
}

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::duration<double>(std::clamp(seconds, 0.0, 1e9)));
}

// Whether the query says yes, or there is none; without one it keeps the connection alive.
asio::awaitable<bool> is_true(OperatorTry& t, SessionPtr session, const std::string& sql) {
  if (sql.empty()) {
    co_await session->execute("SELECT 1");
    co_return true;
  }
  const std::optional<Array> row = co_await first_row(t, std::move(session), sql);
  co_return row && !row->empty() && python_bool(row->front());
}

}  // namespace

asio::awaitable<Poke> poke_notification(OperatorTry& t, const Arguments& arguments) {
  const std::string channel = channel_of(arguments);
  const bool deferrable = arguments.boolean("deferrable", false);
  if (arguments.string("mode", "poke") == "reschedule" && !deferrable)
    throw TaskFailedForGood(
        "in mode reschedule it would not hear what is sent between two pokes: use mode poke, or deferrable, which holds no "
        "slot");
  const std::optional<std::string> payload =
      arguments.find("payload") == nullptr ? std::nullopt : std::optional(arguments.string("payload"));
  const std::string sql = arguments.string("sql", "");
  const auto interval = std::max(milliseconds_of(arguments.number("poke_interval", 60)), std::chrono::milliseconds(1));
  constexpr double week = 7 * 24 * 3600;
  auto begin = Steady::now();
  // Of a deferrable one whose host was lost the time goes on.
  if (deferrable && t.facts.start_date) begin -= SystemClock().now() - *t.facts.start_date;
  const auto end = begin + milliseconds_of(arguments.number("timeout", week));

  const SessionPtr session = co_await open_session(t, arguments);
  co_await session->execute("LISTEN " + session->quoted_name(channel));
  t.log.info("Listening on channel " + channel);
  if (!sql.empty() && co_await is_true(t, session, sql)) co_return Poke{true, {}};
  if (deferrable) t.defer_in_place("");
  for (;;) {
    const auto now = Steady::now();
    if (now > end) co_return Poke{};
    const auto patience =
        std::min(interval, std::chrono::ceil<std::chrono::milliseconds>(end - now) + std::chrono::milliseconds(1));
    const std::optional<PgNotification> come = co_await session->next_notification(patience);
    if (come) {
      t.log.info(fmt::format("Notification on channel {}: {}", come->channel, python_repr(Value(come->payload))));
      if (payload && come->payload != *payload) continue;
      if (sql.empty() || co_await is_true(t, session, sql)) co_return Poke{true, Value(come->payload)};
    } else if (co_await is_true(t, session, sql) && !sql.empty()) {
      co_return Poke{true, {}};
    }
  }
}

}  // namespace venturi::providers
