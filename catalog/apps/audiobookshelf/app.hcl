app "audiobookshelf" {
  title         = "Audiobookshelf"
  tagline       = "Audiobooks and podcasts with a memory"
  description   = "Arranges audiobooks by author and series, fetches podcasts, and remembers the second at which you stopped, for everybody in the house. There are apps for phones that also play without a network."
  category      = "media"
  version       = "2.36.0"
  website       = "https://www.audiobookshelf.org"
  source        = "https://github.com/advplyr/audiobookshelf"
  license       = "GPL-3.0-only"
  architectures = ["amd64", "arm64"]
  min_memory    = 512
  min_disk      = 2048
  notes         = "Open it right away: the first visitor makes the root account. Put books into the folder \"web/audiobooks\" that this app's status names, one folder for each, and add /audiobooks as a library; podcasts go below /podcasts."

  service "web" {
    image = "ghcr.io/advplyr/audiobookshelf:2.36.0"
    user  = "1000:1000"
    env = {
      CONFIG_PATH   = "/config"
      METADATA_PATH = "/metadata"
      PORT          = "13378"
      TZ            = pool.timezone
    }
    volume "config" {
      path  = "/config"
      owner = "1000:1000"
      kind  = "database"
    }
    volume "metadata" {
      path  = "/metadata"
      owner = "1000:1000"
      kind  = "data"
    }
    volume "audiobooks" {
      path  = "/audiobooks"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    volume "podcasts" {
      path  = "/podcasts"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "media"
    }
    expose "web" {
      port   = 13378
      access = "app"
      health { path = "/healthcheck" }
    }
    stop_timeout = 20
    resources {
      cpu        = 200
      memory     = 192
      memory_max = 1024
    }
  }
}
