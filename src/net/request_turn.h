// A place among the requests to one server. Thousands of tasks that ask the same service at the same moment would each open a
// connection: the service refuses them, and libcurl looks through all of its connections at each request. So at most
// RequestTurn::most are under way from one loop, and the others stand in line, first come, first served.
//
//   RequestTurn turn = co_await RequestTurn::take("https://bigquery.googleapis.com/bigquery/v2/...");
//   ... a request that is answered soon
//
// The turn ends with the object. Not for what a server answers after minutes (long polls, whole files): others would wait. Who
// has a turn may take one of another line, such as that of the server, but never a second one of the same.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace venturi::net {

class RequestTurn {
 public:
  static constexpr std::size_t most = 64;

  // At the server that the URL names. Throws where the coroutine is cancelled while it stands in line.
  [[nodiscard]] static boost::asio::awaitable<RequestTurn> take(const std::string& url);
  // To submit a job over a connection, or to look whether it has ended, with all requests that are needed for it: who waits in
  // this line has not built them yet, and is small.
  [[nodiscard]] static boost::asio::awaitable<RequestTurn> take_for_jobs(std::string_view conn_id);

  RequestTurn(RequestTurn&&) noexcept = default;
  RequestTurn(const RequestTurn&) = delete;
  RequestTurn& operator=(const RequestTurn&) = delete;
  RequestTurn& operator=(RequestTurn&&) = delete;
  ~RequestTurn();

  class Lines;

 private:
  RequestTurn(std::shared_ptr<Lines> lines, std::string name);
  [[nodiscard]] static boost::asio::awaitable<RequestTurn> take_of(std::string name);
  std::shared_ptr<Lines> lines_;  // null in what was moved from
  std::string name_;              // of the line
};

}  // namespace venturi::net
