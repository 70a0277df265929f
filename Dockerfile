# Cistern as an image: the binary, the libraries it loads, certificates of public authorities, no shell.
#
#   docker build -t cistern --build-arg REVISION=$(git rev-parse --short HEAD) .
#   docker run -v cistern:/var/lib/cistern -v ./cistern.yaml:/etc/cistern/cistern.yaml:ro -p 8443:8443 cistern
#
# The configuration may also come as text in CISTERN_CONFIG, with command `serve`. Journal and folder archive
# belong on the volume /var/lib/cistern: relative paths of the configuration begin there.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/packages deploy/install-packages deploy/
RUN deploy/install-packages build run
COPY . .
ARG REVISION=""
RUN cmake --preset release -D CISTERN_TESTS=OFF -D CISTERN_REVISION="$REVISION" \
 && cmake --build --preset release --target cistern
RUN deploy/image-root build/release/cistern /root-of-image

FROM scratch
COPY --from=build /root-of-image /
USER 65532:65532
WORKDIR /var/lib/cistern
VOLUME /var/lib/cistern
# In a container the default, 127.0.0.1, would be out of everyone's reach.
ENV CISTERN_METRICS_LISTEN=0.0.0.0:9464
EXPOSE 8443 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/bin/cistern", "health", "--config", "/etc/cistern/cistern.yaml"]
ENTRYPOINT ["/usr/bin/cistern"]
CMD ["serve", "--config", "/etc/cistern/cistern.yaml"]
