app "code-server" {
  title         = "code-server"
  tagline       = "VS Code in any browser"
  description   = "Your editor, your files and a terminal on your own machine, opened from wherever you are. What you started on the desk goes on from a tablet."
  category      = "development"
  version       = "4.133.0"
  website       = "https://coder.com/docs/code-server"
  source        = "https://github.com/coder/code-server"
  license       = "MIT"
  architectures = ["amd64", "arm64"]
  min_memory    = 1024
  min_disk      = 4096
  notes         = "Sign in with the password that was made for you. Your files lie in /home/coder and outlive updates; programs that you install with apt do not."

  secret "password" {
    title  = "Password"
    reveal = true
  }

  service "web" {
    image = "docker.io/codercom/code-server:4.133.0"
    user  = "1000:1000"
    env = {
      PASSWORD = secret.password
      TZ       = pool.timezone
    }
    volume "home" {
      path  = "/home/coder"
      owner = "1000:1000"
      mode  = "0755"
      kind  = "data"
    }
    expose "web" {
      port   = 8080
      access = "app"
      health { path = "/healthz" }
    }
    resources {
      cpu        = 500
      memory     = 512
      memory_max = 2048
    }
  }
}
