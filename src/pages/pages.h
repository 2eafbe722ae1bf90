// Pages for people behind a log-in, at the server's own address beside the API, made on the server and without script.
//
//   request ─▶ API's thread: who asks, is the form's token right? ─ a change ─▶ the API's own endpoint ─▶ back to the page
//                    │
//                    └─ a page ─▶ the thread that renders, with a database connection of its own ─▶ answer
//
// What changes something is a request to the API in the name of whoever asked (Api::call): one code checks, permits and does
// it.
#pragma once

#include <memory>

#include "api/api.h"
#include "base/result.h"
#include "home/config.h"
#include "home/home.h"

namespace venturi::pages {

class Pages {
 public:
  // Serves until it is destroyed; the API outlives it.
  [[nodiscard]] static Result<std::unique_ptr<Pages>> open(api::Api& api, const Home& home, const Config& config);
  ~Pages();
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

 private:
  struct Core;
  explicit Pages(std::shared_ptr<Core> core);
  std::shared_ptr<Core> core_;
};

}  // namespace venturi::pages
