// The REST API of a server, in Airflow's paths and bodies, on a thread of its own: it reads the metadata over a connection of
// its own, and changes through the server's commands, as the command line does; what it answers is durable.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/endpoint.h"
#include "api/slow_reads.h"
#include "api/web_token.h"
#include "base/event_loop.h"
#include "home/config.h"
#include "home/home.h"
#include "home/users.h"
#include "server/home_store.h"
#include "server/server.h"
#include "store/lists.h"

namespace venturi::api {

// Where a token may be besides the Authorization header: Airflow's cookie, and that of the pages, which the API takes for a
// log-out only (its changes ask for no form's token).
inline constexpr std::string_view token_cookie = "_token", session_cookie = "venturi_session";

// How an error of the server is told: Airflow's status for what is wrong, missing, there already or not allowed.
[[nodiscard]] Refusal refusal_of(const Error& error);
template <class T>
[[nodiscard]] T must(Result<T> result) {
  if (!result) throw refusal_of(result.error());
  return std::move(*result);
}
struct DagFacts;

class Api {
 public:
  // At [api] host and port.
  [[nodiscard]] static Result<std::unique_ptr<net::HttpServer>> listen(const Config& config);
  // Serves until it is destroyed; loop and server outlive it. Its address is written to $VENTURI_HOME/run/api_url.
  [[nodiscard]] static Result<std::unique_ptr<Api>> open(EventLoop& loop, server::Server& server, const Home& home,
                                                         const Config& config, std::unique_ptr<net::HttpServer> http);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;
  [[nodiscard]] std::string url() const;

  // ---- for endpoints, in the API's thread ----

  [[nodiscard]] store::Lists& lists() { return *lists_; }
  [[nodiscard]] store::Reader& reader() { return *reader_.reader; }
  [[nodiscard]] const Home& home() const { return home_; }
  [[nodiscard]] const Config& config() const { return config_; }
  [[nodiscard]] Time now() const { return clock_.now(); }
  // Runs a command of the server (server/commands.h) in the server's loop; then `then` here makes the answer from its result.
  // An error is answered as refusal_of() has it.
  void command(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value& result)> then);
  // ... and an error by `otherwise`, which may throw a Refusal.
  void command(Value command, const Reply& reply, std::function<net::HttpServerResponse(const Value& result)> then,
               std::function<net::HttpServerResponse(const Error&)> otherwise);
  void after(std::chrono::milliseconds delay, std::function<void()> call) { http_->after(delay, std::move(call)); }

  // Reads a page of a list and makes the answer of it, in this thread; where that takes long, it is read beside it.
  void page(store::RunList list, const Reply& reply, std::function<net::HttpServerResponse(const store::RunPage&)> then);
  void page(store::TaskInstanceList list, const Reply& reply,
            std::function<net::HttpServerResponse(const store::TaskInstancePage&)> then);

  // Of all DAGs whose file is there, by dag_id.
  [[nodiscard]] store::DagPage dags() { return must(lists_->dags()); }
  [[nodiscard]] std::shared_ptr<const Dag> listed(const store::DagRow& row);
  [[nodiscard]] std::shared_ptr<const DagFacts> facts(const Dag& dag);
  // DagVersionResponse, or null where there is no such version any more. Kept: a version never changes.
  [[nodiscard]] const Value& version_body(const std::string& dag_id, const std::string& version_id);
  // nullptr where there is none any more. Kept: a version never changes.
  [[nodiscard]] std::shared_ptr<const Dag> version(const std::string& version_id);
  // The DAG as it is now; nullptr where there is none.
  [[nodiscard]] std::shared_ptr<const Dag> find_dag(const std::string& dag_id);
  // ... or Refusal 404.
  [[nodiscard]] std::shared_ptr<const Dag> dag(const std::string& dag_id);

  [[nodiscard]] std::string token_for(const std::string& user, Role role, std::chrono::seconds lasts);
  // What the user may do, where the password is right; Refusal 401 where it is not, or there is no such user. The answer to a
  // user of the file `users` is made beside this thread, because their passwords take long by intent.
  void log_in(const std::string& user, const std::string& password, const Reply& reply,
              std::function<net::HttpServerResponse(Role)> then);
  // These are good for nothing from now on, and after a restart either: `then` answers when that is durable. Where it cannot be
  // written, the error is answered, and they are refused until the server ends.
  void revoke(const std::vector<WebToken>& tokens, const Reply& reply, std::function<net::HttpServerResponse()> then);
  // All that the request has, its cookies' too.
  [[nodiscard]] std::vector<WebToken> tokens_of(const net::HttpServerRequest& request) const;
  // Texts that only this home can have made, for clients to hand back: base64url of `content`, and a signature.
  [[nodiscard]] std::string sealed(std::string_view content) const;
  [[nodiscard]] std::optional<std::string> unsealed(std::string_view text) const;

  // ---- for the pages (src/pages) ----

  // From any thread: what is no path of the API's goes there from now on. It is called in the API's thread.
  void serve_also(net::HttpServer::Handler others);
  void post(std::function<void()> call) { http_->post(std::move(call)); }  // from any thread
  // In the API's thread: a request with this token, answered as if it had come over the network: with the same permission,
  // checks and commands.
  void call(const std::string& token, std::string method, std::string target, const Value& body, const Reply& reply);
  // Whose token it is, with the role that the user has now, or Refusal.
  [[nodiscard]] WebToken holder_of(std::string_view token) const;
  // What only this home can say of `text`, as long as it has its key.
  [[nodiscard]] std::string seal(std::string_view text) const;

 private:
  Api(EventLoop& loop, server::Server& server, Home home, Config config, server::HomeReader reader,
      std::unique_ptr<store::Lists> lists, std::unique_ptr<net::HttpServer> http);
  void serve(const net::HttpServerRequest& request, const Reply& reply);
  void handle_in_line(Call call, const Reply& reply);
  void handle_first(std::string_view line);
  [[nodiscard]] Result<std::shared_ptr<const Dag>> read_version(const std::string& version_id);
  template <class Page, class List>
  void read_page(List list, const Reply& reply, std::function<net::HttpServerResponse(const Page&)> then,
                 Result<Page> (store::Lists::*read)(const List&));
  [[nodiscard]] std::vector<User> users() const;
  [[nodiscard]] WebToken who_calls(const net::HttpServerRequest& request) const;

  EventLoop& loop_;
  server::Server& server_;
  const Home home_;
  const Config config_;
  SystemClock clock_;
  server::HomeReader reader_;
  std::string signing_key_;
  std::unique_ptr<store::Lists> lists_;
  std::map<std::string, std::shared_ptr<const Dag>> versions_;
  std::map<std::string, std::shared_ptr<const DagFacts>> facts_;  // by version
  std::map<std::string, Value> version_bodies_;
  net::HttpServer::Handler others_;
  std::map<std::string, Time> revoked_;                                   // jti, until when it would have been good
  std::map<std::string_view, std::deque<std::pair<Call, Reply>>> lines_;  // the first of each is being handled
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);            // looked at in the server's loop only
  std::unique_ptr<net::HttpServer> http_;                                 // its thread uses the others
  std::unique_ptr<SlowReads> slow_reads_;                                 // last: it posts to that thread
};

// The answer that a handler gives, or what it refused with.
void answer(const Reply& reply, const std::function<net::HttpServerResponse()>& make);
// For what answers later: a response with the status 0 is none yet.
[[nodiscard]] Reply only_answers(const Reply& reply);
// What answers later itself; what it throws is the answer.
void attempt(const Reply& reply, const std::function<void()>& act);

}  // namespace venturi::api
