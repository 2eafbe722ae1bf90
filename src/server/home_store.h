// The opened metadata of a home: what a server, and a command without one, stand on.
#pragma once

#include <memory>
#include <string>

#include "base/fernet.h"
#include "engine/engine.h"
#include "home/config.h"
#include "home/home.h"
#include "home/secrets.h"
#include "store/lists.h"
#include "store/store.h"

namespace venturi::server {

class FernetCipher final : public store::Cipher {
 public:
  explicit FernetCipher(Fernet fernet) : fernet_(std::move(fernet)) {}
  [[nodiscard]] std::string encrypt(std::string_view clear) const override { return fernet_.encrypt(clear); }
  [[nodiscard]] Result<std::string> decrypt(std::string_view token) const override { return fernet_.decrypt(token); }

 private:
  Fernet fernet_;
};

struct HomeStore {
  std::unique_ptr<FernetCipher> cipher;
  std::unique_ptr<store::Store> store;
};

// Opens, and makes and migrates where that is needed, the database that the configuration names. Needs the lock.
[[nodiscard]] Result<HomeStore> open_store(const Config& config, const HomeSecrets& secrets);

struct HomeReader {
  std::unique_ptr<FernetCipher> cipher;
  std::unique_ptr<store::Store> store;  // not written to
  std::unique_ptr<store::Reader> reader;
};
// For those who only read, beside a running server or without one. A home without a database is an error of kind not_found.
[[nodiscard]] Result<HomeReader> open_reader(const Home& home, const Config& config);

// Beside open_reader(), for one thread of its own.
[[nodiscard]] Result<std::unique_ptr<store::Lists>> open_lists(const Config& config);

// What the configuration says of scheduling. `zones` outlives the engine.
[[nodiscard]] engine::Config engine_config(const Config& config, std::uint64_t epoch, const schedule::TimeZones& zones);

}  // namespace venturi::server
