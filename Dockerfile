# Two images; neither needs BuildKit:
#   docker build --target venturi -t venturi .    small: DAGs in YAML, and DAG programs that were compiled elsewhere
#   docker build --target sdk -t venturi:sdk .    with the compiler and the SDK, for DAGs in C++
# Both run `venturi standalone` as the user venturi (50000) and write below /var/lib/venturi and /tmp only.
ARG DEBIAN=debian:bookworm-slim

FROM ${DEBIAN} AS build
# COMMIT: what `venturi version` tells. PREBUILT: a folder of the context with what scripts/stage made, which is then not compiled.
ARG COMMIT=
ARG PREBUILT=
WORKDIR /src
COPY . .
RUN if [ -n "$PREBUILT" ]; then mv "$PREBUILT" /stage; \
    else scripts/install-packages build && VENTURI_COMMIT="$COMMIT" scripts/build release && scripts/stage /stage; fi

FROM ${DEBIAN} AS runtime
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends ca-certificates libboost-container1.81.0 libboost-json1.81.0 \
    libcurl4 libfmt9 libpq5 libspdlog1.10 libsqlite3-0 libssh-4 libssl3 libstdc++6 tzdata \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/man/* \
 && find /usr/share/doc -type f ! -name copyright -delete \
 && groupadd -g 50000 venturi && useradd -u 50000 -g venturi -d /var/lib/venturi -s /usr/sbin/nologin venturi \
 && install -d -o venturi -g venturi -m 0700 /var/lib/venturi
ENV VENTURI_HOME=/var/lib/venturi VENTURI__API__HOST=0.0.0.0
WORKDIR /var/lib/venturi
VOLUME /var/lib/venturi
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /api/v2/monitor/health HTTP/1.0\\r\\n\\r\\n' >&3 && read -r _ code _ <&3 && [ \"$code\" = 200 ]"]
ENTRYPOINT ["venturi"]
CMD ["standalone"]

FROM runtime AS venturi
COPY --from=build /stage/programs/ /
# A library that is missing shows here and not when the first task needs it.
RUN venturi version && venturi-operators --version
USER 50000:50000

FROM runtime AS sdk
RUN apt-get update -q \
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends clang-19 lld-19 libstdc++-12-dev libc6-dev cmake make \
 && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/man/* \
 && find /usr/share/doc -type f ! -name copyright -delete
COPY --from=build /stage/programs/ /stage/sdk/ /
USER 50000:50000
