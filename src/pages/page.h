// A page in the making. What was asked is a Visit, in the API's thread; what it is made with is a View, in the thread that
// renders.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/api.h"
#include "base/json.h"
#include "home/config.h"
#include "home/home.h"
#include "pages/dag_cards.h"
#include "pages/forms.h"
#include "pages/html.h"
#include "pages/moments.h"
#include "store/lists.h"
#include "store/store.h"

namespace venturi::pages {

struct Page {
  std::string title;
  Html body;
  unsigned status = 200;
  std::string section = {};  // of the menu: the path of its link
};

// What whoever asks is, and wants.
struct Session {
  std::string token, user;  // empty: nobody
  api::Role role = api::Role::viewer;
  std::string form_token;  // goes with each form, and is asked for with each change
  std::string zone;        // of the times that are shown
  [[nodiscard]] bool may(api::Role least) const { return role >= least; }
};

struct View {
  store::Reader& reader;
  store::Lists& lists;
  store::Store& store;  // not written to
  DagCards& cards;
  const Home& home;
  const Config& config;
  const Session& session;
  const Moments& moments;
  std::string target;  // path and query, to come back to
  Time now;

  // The hidden fields that every form has: its token, and where to go on afterwards.
  [[nodiscard]] Html form_fields() const;
  // A form that is one button.
  [[nodiscard]] Html button(std::string_view action, std::string_view label, std::string_view kind = "",
                            const std::vector<std::pair<std::string, std::string>>& fields = {}) const;
};
using Make = std::function<Page(const View&)>;

// Thrown by a Make: the page is another one, with this status.
struct Trouble {
  unsigned status;
  std::string text;
};
template <class T>
[[nodiscard]] T need(Result<T> result) {
  if (!result) throw Trouble{500, result.error().text()};
  return std::move(*result);
}
// Or Trouble 404.
[[nodiscard]] DagRun need_run(const View& view, const std::string& dag_id, const std::string& run_id);
[[nodiscard]] std::shared_ptr<const Dag> need_dag(const View& view, const std::string& dag_id);
[[nodiscard]] bool is_paused(const View& view, const std::string& dag_id);
// The DAG as the run follows it; null where it cannot be read any more.
[[nodiscard]] std::shared_ptr<const Dag> dag_of(const View& view, const DagRun& run);

// The whole document around it.
[[nodiscard]] std::string document(const Page& page, const View& view);
[[nodiscard]] std::string_view stylesheet();
[[nodiscard]] std::string_view icon();

// ---- in the API's thread -------------------------------------------------------------------------------------------------

class Visit : public std::enable_shared_from_this<Visit> {
 public:
  virtual ~Visit() = default;
  std::string_view pattern;  // of the route
  PathValues path;
  Fields query, form;
  std::string target;
  std::string cookie_header;
  std::vector<std::string> cookies;  // that go with the page
  Session session;

  [[nodiscard]] const std::string& at(std::string_view name) const { return path.find(name)->second; }
  // Answers, once.
  virtual void show(Make make) = 0;
  // ... beside the thread that renders: for what takes a second.
  virtual void show_slowly(Make make) = 0;
  virtual void redirect(const std::string& where, const std::vector<std::string>& cookies = {}) = 0;
  virtual api::Api& api() = 0;
  // The error says which names are near.
  virtual Result<void> check_zone(const std::string& name) = 0;

  // As the API's caller: `then` gets the answer's status and body, here.
  using Answered = std::function<void(unsigned status, const Value& body)>;
  void call(std::string method, std::string target, const Value& body, Answered then);
  // ... and then goes to the form's `back` (else to `otherwise`), saying `said`; or shows what was wrong.
  void change(std::string method, std::string target, const Value& body, const std::string& said, const std::string& otherwise);
  [[nodiscard]] std::string back(const std::string& otherwise) const;
};
using Visited = std::shared_ptr<Visit>;

// "a 422 of the API's", for people.
[[nodiscard]] std::string detail_text(const Value& body);
// `where` with the word of what was done, which the page there tells.
[[nodiscard]] std::string saying(const std::string& where, std::string_view said);
[[nodiscard]] std::string api_path(std::initializer_list<std::string_view> segments);

struct Route {
  std::string_view method, pattern;
  void (*handler)(const Visited&);
  bool is_open = false;  // to those who are not logged in
};
[[nodiscard]] std::vector<Route> login_routes();
[[nodiscard]] std::vector<Route> dag_routes();
[[nodiscard]] std::vector<Route> run_routes();
[[nodiscard]] std::vector<Route> task_routes();
[[nodiscard]] std::vector<Route> admin_routes();
[[nodiscard]] std::vector<Route> simulation_routes();

}  // namespace venturi::pages
