// A home for one run: `dags test` and `tasks test` record nothing in the real one.
#pragma once

#include <filesystem>

#include "cli/home_access.h"

namespace venturi::cli {

class TestHome {
 public:
  // Made in $TMPDIR or /tmp, 0700, with the settings of `real`: its DAGs folder and compiler, but a database and logs of its
  // own.
  [[nodiscard]] static Result<TestHome> make(const OpenedHome& real);
  // Removes it, unless keep() was called.
  ~TestHome();
  TestHome(TestHome&& other) noexcept;
  TestHome& operator=(TestHome&&) = delete;

  [[nodiscard]] const Home& home() const { return opened_.home; }
  [[nodiscard]] const Config& config() const { return opened_.config; }
  void keep() { remove_ = false; }

 private:
  explicit TestHome(OpenedHome opened) : opened_(std::move(opened)) {}
  OpenedHome opened_;
  bool remove_ = true;
};

// The settings as venturi.toml, but for those that tell a home's own files.
[[nodiscard]] std::string test_settings(const Config& config);

}  // namespace venturi::cli
