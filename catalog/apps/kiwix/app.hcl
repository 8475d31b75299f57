app "kiwix" {
  title         = "Kiwix"
  tagline       = "Wikipedia and more, at home and offline"
  description   = "Serves whole libraries from single files: Wikipedia in your language, Project Gutenberg's books, Stack Exchange's answers. Good for a school, a ship or a slow line."
  category      = "reading"
  version       = "3.8.2"
  website       = "https://kiwix.org"
  source        = "https://github.com/kiwix/kiwix-tools"
  license       = "GPL-3.0-or-later"
  architectures = ["amd64", "arm64", "arm"]
  min_memory    = 256
  min_disk      = 2048
  notes         = "Choose files at library.kiwix.org and put them into the folder \"web/library\" that this app's status names; they show within a minute. Or give the address of one in this app's settings, and it is fetched at the next start; that takes as long as the file is large."

  setting "fetch_url" {
    title = "File to fetch"
    help  = "The address of a .zim file, from download.kiwix.org/zim."
    type  = "url"
  }

  service "web" {
    image      = "ghcr.io/kiwix/kiwix-serve:3.8.2"
    entrypoint = ["/bin/sh", "-ec"]
    # The image's own start knows only files that are there at that moment, and
    # ends without one. This keeps a list that kiwix-serve watches.
    command = [<<-EOT
      list=/tmp/library.xml
      echo '<library version="20110515"/>' > "$list"
      (
        set +e
        while :; do
          for zim in /data/*.zim; do
            [ -e "$zim" ] && ! grep -q "$zim" "$list" && kiwix-manage "$list" add "$zim"
          done
          sleep 60
        done
      ) &
      if [ -n "$FETCH_URL" ]; then
        (
          set +e
          file="/data/$(basename "$FETCH_URL")"
          [ -e "$file" ] || { wget -q -c -O "$file.part" "$FETCH_URL" && mv "$file.part" "$file"; }
        ) &
      fi
      exec kiwix-serve --port=8080 --monitorLibrary --library "$list"
    EOT
    ]
    user    = "1000:1000"
    workdir = "/data"
    env = {
      FETCH_URL = setting.fetch_url != "" ? setting.fetch_url : null
      TZ        = pool.timezone
    }
    volume "library" {
      path  = "/data"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 8080
      access = "members"
      health { path = "/" }
    }
    init = true
    resources {
      cpu        = 100
      memory     = 96
      memory_max = 768
    }
  }
}
