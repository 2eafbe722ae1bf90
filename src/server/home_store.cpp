#include "server/home_store.h"

#include <filesystem>
#include <utility>

#include "store/sqlite/sqlite_store.h"

namespace venturi::server {

Result<HomeStore> open_store(const Config& config, const HomeSecrets& secrets) {
  auto fernet = Fernet::from_keys(secrets.fernet_keys);
  if (!fernet) return std::unexpected(std::move(fernet.error()));
  HomeStore opened;
  opened.cipher = std::make_unique<FernetCipher>(std::move(*fernet));
  auto store = store::open_sqlite(config.path("database.path").string(), *opened.cipher);
  if (!store) return std::unexpected(std::move(store.error()));
  opened.store = std::move(*store);
  return opened;
}

Result<HomeReader> open_reader(const Home& home, const Config& config) {
  const std::string path = config.path("database.path").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) {
    return fail(ErrorKind::not_found, "there is no database yet", path, "start a server (venturi standalone), or run: venturi db migrate");
  }
  const auto keys = read_fernet_keys(home);
  if (!keys) return std::unexpected(keys.error());
  auto fernet = Fernet::from_keys(*keys);
  if (!fernet) return std::unexpected(std::move(fernet.error()));
  HomeReader opened;
  opened.cipher = std::make_unique<FernetCipher>(std::move(*fernet));
  auto store = store::open_sqlite_as_is(path, *opened.cipher);
  if (!store) return std::unexpected(std::move(store.error()));
  opened.store = std::move(*store);
  auto reader = opened.store->open_reader();
  if (!reader) return std::unexpected(std::move(reader.error()));
  opened.reader = std::move(*reader);
  return opened;
}

}  // namespace venturi::server
