package main

import (
	"fmt"

	"github.com/mdp/qrterminal/v3"
	"github.com/spf13/cobra"

	"github.com/dentropy/dcloud/agent"
)

// newUserCommand groups what is done with people.
func newUserCommand(e *env) *cobra.Command {
	return noun("user", "See, invite and remove the people who may sign in to the panel",
		newUserInviteCommand(e),
		newUserListCommand(e),
		newUserPasswdCommand(e),
		newUserRemoveCommand(e),
	)
}

func newUserListCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List who may sign in",
		Args:  exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			users, err := c.Users(cmd.Context())
			if err != nil {
				return err
			}
			if e.json {
				return e.printJSON(orEmpty(users))
			}
			var rows [][]string
			for _, u := range users {
				rows = append(rows, []string{u.Name, u.Title, u.Role, seenWord(u), factors(u)})
			}
			return e.table([]string{"NAME", "CALLED", "ROLE", "SEEN", "SIGNS IN WITH"}, rows)
		},
	}
}

// seenWord is when somebody was last there.
func seenWord(u agent.User) string {
	switch {
	case u.Invited:
		return "invited"
	case u.Seen.IsZero():
		return "never"
	}
	return u.Seen.Local().Format("2006-01-02 15:04")
}

// factors says what somebody signs in with.
func factors(u agent.User) string {
	text := "password"
	if u.TOTP {
		text += " and code"
	}
	switch n := len(u.Passkeys); n {
	case 0:
	case 1:
		text += ", a passkey"
	default:
		text += fmt.Sprintf(", %d passkeys", n)
	}
	return text
}

func newUserInviteCommand(e *env) *cobra.Command {
	var req agent.InviteRequest
	cmd := &cobra.Command{
		Use:     "invite [NAME]",
		Aliases: []string{"add"},
		Short:   "Make a link with which somebody makes an account",
		Long: `Makes a link with which somebody makes an account: hand it to them. It serves once.

Without a name it makes the link of the first run, with which the cloud's owner
makes an account, as "dcloud up" prints it while there is none.`,
		Example: `  dcloud user invite ada
  dcloud user invite bob --role admin --email bob@example.org`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return exactly("NAME")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				if cmd.Flags().NFlag() > 0 && (req.Role != "" || req.Email != "" || req.Title != "") {
					return agent.Errorf(agent.CodeInvalid, "whom to invite is missing").WithHint("name them: dcloud user invite NAME")
				}
				link, err := c.FirstLink(cmd.Context())
				if err != nil {
					return err
				}
				return e.printInvitation(link)
			}
			req.Name = args[0]
			link, err := c.Invite(cmd.Context(), req)
			if err != nil {
				return err
			}
			return e.printInvitation(link)
		},
	}
	f := cmd.Flags()
	f.StringVar(&req.Role, "role", "", "what they may do: guest, member, admin, owner (member)")
	f.StringVar(&req.Title, "title", "", "what they are called")
	f.StringVar(&req.Email, "email", "", "their e-mail address")
	cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(agent.Roles(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func newUserPasswdCommand(e *env) *cobra.Command {
	return &cobra.Command{
		Use:               "passwd NAME",
		Short:             "Make a link with which somebody chooses a new password",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			users, err := c.Users(cmd.Context())
			if err != nil {
				return err
			}
			for _, u := range users {
				if u.Name == args[0] {
					link, err := c.Invite(cmd.Context(), agent.InviteRequest{Name: u.Name})
					if err != nil {
						return err
					}
					return e.printInvitation(link)
				}
			}
			return agent.Errorf(agent.CodeNotFound, "there is nobody called %q", clean(args[0])).
				WithHint("see who there is with: dcloud user list")
		},
	}
}

func newUserRemoveCommand(e *env) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:               "remove NAME",
		Short:             "Take somebody's account away; they are signed out everywhere",
		Args:              exactly("NAME"),
		ValidArgsFunction: e.completeUsers,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := e.connect()
			if err != nil {
				return err
			}
			name := clean(args[0])
			if !yes && isTerminal(e.stdin) && !e.confirm(cmd.Context(), fmt.Sprintf("Remove the account of %s?", name)) {
				return agent.Errorf(agent.CodeFailed, "%s was not removed", name).
					WithHint("to remove it without a question: dcloud user remove %s --yes", name)
			}
			if err := c.RemoveUser(cmd.Context(), args[0]); err != nil {
				return err
			}
			e.note("%s is removed.", name)
			return nil
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	return cmd
}

// printInvitation shows a link: it alone on stdout, all else beside it.
func (e *env) printInvitation(i agent.Invitation) error {
	if e.json {
		return e.printJSON(i)
	}
	until := i.Expires.Local().Format("2006-01-02 15:04")
	switch {
	case i.First:
		e.note("Make the owner's account with this link. It serves once, until %s:", until)
	case i.Reset:
		e.note("%s chooses a new password with this link. It serves once, until %s:", clean(i.Name), until)
	default:
		e.note("%s makes an account with this link. It serves once, until %s:", clean(i.Name), until)
	}
	if _, err := fmt.Fprintln(e.stdout, i.Link); err != nil {
		return err
	}
	if isTerminal(e.stdout) {
		qrterminal.GenerateHalfBlock(i.Link, qrterminal.L, e.stdout)
	}
	return nil
}

// completeUsers offers the names of those who may sign in.
func (e *env) completeUsers(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	c, err := e.connect()
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	users, err := c.Users(cmd.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, u := range users {
		names = append(names, u.Name)
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
