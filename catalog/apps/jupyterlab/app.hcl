app "jupyterlab" {
  title         = "JupyterLab"
  tagline       = "Notebooks that calculate"
  description   = "Write text, code, figures and charts on one page and run them piece by piece. It is the workbench of people who work with data, and a good place to learn Python."
  category      = "development"
  version       = "4.6.3"
  website       = "https://jupyter.org"
  source        = "https://github.com/jupyterlab/jupyterlab"
  license       = "BSD-3-Clause"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "Sign in with the token that was made for you. Save your notebooks in work: what lies elsewhere is lost with the next update."

  secret "token" {
    title  = "Token to sign in with"
    reveal = true
  }

  service "web" {
    image = "quay.io/jupyter/base-notebook:lab-4.6.3"
    env = {
      JUPYTER_TOKEN = secret.token
      TZ            = pool.timezone
    }
    volume "work" {
      path  = "/home/jovyan/work"
      owner = "1000:100"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 8888
      access = "app"
      health { path = "/api" }
    }
    resources {
      cpu        = 300
      memory     = 384
      memory_max = 2048
    }
  }
}
