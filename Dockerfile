# Cistern as an image: the binary, the libraries it loads, certificates of public authorities, no shell; what it is made
# of, as SPDX: /usr/share/doc/cistern/sbom.spdx.json.
#
#   docker build -t cistern --build-arg REVISION=$(git rev-parse --short HEAD) .     (without Docker: deploy/image)
#   docker run -p 8443:8443 -v cistern:/var/lib/cistern -v ./cistern.yaml:/var/lib/cistern/cistern.yaml:ro cistern
#
# Instead of the file, CISTERN_CONFIG may hold its text. Relative paths in it begin at /var/lib/cistern, the volume where
# the journal belongs. For metrics outside the container: `metrics: { listen: 0.0.0.0:9464 }`.

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/packages deploy/install-packages deploy/
RUN deploy/install-packages build run
COPY . .
ARG REVISION=""
RUN cmake --preset release -D CISTERN_TESTS=OFF -D CISTERN_REVISION="$REVISION" \
 && cmake --build --preset release --target cistern
ARG SOURCE_DATE_EPOCH=0
RUN deploy/image-root build/release/cistern /root-of-image "$REVISION" && mkdir /empty

FROM scratch
ARG REVISION=""
LABEL org.opencontainers.image.title="Cistern" \
      org.opencontainers.image.description="Receives CloudWatch Logs from Firehose and writes an exact archive" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="scratch"
COPY --from=build /root-of-image /
COPY --from=build --chown=65532:65532 /empty /var/lib/cistern
USER 65532:65532
WORKDIR /var/lib/cistern
VOLUME /var/lib/cistern
EXPOSE 8443 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["/usr/bin/cistern", "health"]
ENTRYPOINT ["/usr/bin/cistern"]
CMD ["serve"]
